"""Indexes of the list of a registry: who is a member by their own periods, counts without their rows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0005_distinct_pairs")]

    operations = [
        migrations.RemoveIndex(model_name="membership", name="members_membership_state"),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                fields=["member", "state", "starts_on", "ends_on"], name="members_membership_held"
            ),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                fields=["cpts", "participation"],
                condition=models.Q(("anonymised_at", None), ("merged_into", None)),
                name="members_member_listed",
            ),
        ),
    ]
