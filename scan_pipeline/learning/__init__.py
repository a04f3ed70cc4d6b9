"""What a service's own confirmed stories teach its reader. Nothing of it leaves the machine."""
