"""What the kernel promises: each test is named after the truth it holds."""
