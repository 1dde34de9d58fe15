"""What a trial would settle."""
