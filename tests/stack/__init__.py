# SPDX-License-Identifier: MIT
"""A private stack of real servers around our programs, for runs and tests."""
