"""Values of other tools, stored beside the scripts that make them."""
