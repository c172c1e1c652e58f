"""Let a detector follow a machine that ages, and measure what each method keeps and forgets."""
