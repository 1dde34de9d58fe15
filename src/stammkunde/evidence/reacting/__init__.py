"""What is given or happens in reaction to behaviour: trials begun again, rules, their forecast."""
