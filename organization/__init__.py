"""Who: regions, departments, units, staff, posts, parameters, sign-in."""
