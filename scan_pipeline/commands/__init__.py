"""What each user asks of `leaflets` on the command line. stdout is data, stderr is progress."""
