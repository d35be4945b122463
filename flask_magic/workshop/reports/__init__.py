"""What a cohort's journal says, for people and for programs."""
