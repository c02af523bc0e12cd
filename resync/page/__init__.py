"""What the templates of Resync State Data - Batch read, a module for each page."""
