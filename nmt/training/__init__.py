"""Loss, optimiser, schedule, the loop."""
