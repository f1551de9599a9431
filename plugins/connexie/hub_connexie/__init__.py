"""Connexie for payroll-hub: hours go out in a file that payroll imports."""
