"""Gunicorn's settings, the same in the demonstration and in production (read from the current folder).

The address is given on the command line, the number of processes by WEB_CONCURRENCY.
"""

# Loaded once, before the processes: a wrong setting stops the start instead of being retried for ever.
preload_app = True
# A shared simulation carries its choices in its address.
limit_request_line = 8190
control_socket_disable = True
