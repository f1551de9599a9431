"""Files that payroll imports: layouts, and the one place that writes CSV and XLSX."""
