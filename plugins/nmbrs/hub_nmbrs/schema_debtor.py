"""DebtorService of Nmbrs SOAP v3: the debtors (customers) of an environment, and the environment itself.

Unconfirmed: the name of the record that `Environment_Get` answers with; its fields are known.
"""

from __future__ import annotations

from hub_nmbrs.schema import Service, array, operation, record

DEBTOR_SERVICE = Service(
    name="DebtorService",
    operations=(
        operation("Environment_Get", "", "Domain", login="AuthHeader"),
        operation("List_GetAll", "", "ArrayOfDebtor"),
        operation("Department_GetList", "DebtorId:int", "ArrayOfDepartment"),
        operation("Function_GetList", "DebtorId:int", "ArrayOfFunction"),
        operation("Debtor_IsOwner", "", "boolean"),
    ),
    records=(
        record("Domain", "Domain SubDomain"),
        record("Debtor", "Id:int Number Name"),
        array("ArrayOfDebtor", "Debtor"),
        record("Department", "Id:int Code:int Description"),
        array("ArrayOfDepartment", "Department"),
        record("Function", "Id:int Code:int Description"),
        array("ArrayOfFunction", "Function"),
    ),
)
"""The table of DebtorService."""
