"""What the templates of Selective Sync read."""
