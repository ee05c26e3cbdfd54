"""What a pipeline is: AWS's own names and shapes. No I/O in here."""
