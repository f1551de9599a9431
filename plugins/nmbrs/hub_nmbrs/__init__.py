"""Visma Nmbrs for payroll-hub."""
