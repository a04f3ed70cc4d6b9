"""How fast a stack of leaflets is read, and in how much memory."""
