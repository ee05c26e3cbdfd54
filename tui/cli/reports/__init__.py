"""What a run tells while it goes on and when it is over: to people, to programs, to CI."""
