"""What the templates of the agents read, a module for each page."""
