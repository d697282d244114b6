"""PDF documents: rendering, storage, public verification."""
