"""Tests of the Stripe double; a package, so that test files of other suites may have the same names."""
