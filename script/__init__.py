"""What stands behind ./upstate: servers for one machine, and the commands that need them."""
