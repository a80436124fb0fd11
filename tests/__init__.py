"""Tests: unit/ is pure, contract/ holds one suite per promise over every implementation, e2e/ the whole story."""
