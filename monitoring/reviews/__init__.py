"""动态复核和生存认证 by class, township and period (XX-25, XX-33)."""
