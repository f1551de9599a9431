"""CompanyService of Nmbrs SOAP v3: companies, their current period, codes, cost centres and cost units."""

from __future__ import annotations

from hub_nmbrs.schema import Service, array, operation, record

ENUMERATIONS = {"LoonaangifteTijdvak": ("None", "Month", "Week4", "Month6", "Year")}

COMPANY_SERVICE = Service(
    name="CompanyService",
    operations=(
        operation("List_GetAll", "", "ArrayOfCompany"),
        operation("List_GetByDebtor", "DebtorId:int", "ArrayOfCompany"),
        operation("Company_GetCurrentPeriod", "CompanyId:int", "string"),
        operation("HourModel_GetHourCodes", "CompanyId:int", "ArrayOfHourCode"),
        operation("HourModel2_GetHourCodes", "CompanyId:int", "ArrayOfHourCode"),
        operation("WageModel_GetWageCodes", "CompanyId:int", "ArrayOfWageCode"),
        operation("WageModel2_GetWageCodes", "CompanyId:int", "ArrayOfWageCode"),
        operation("CostCenter_GetList", "CompanyId:int", "ArrayOfCostCenter"),
        operation("CostUnit_GetList", "CompanyId:int", "ArrayOfCostUnit"),
    ),
    records=(
        record(
            "Company",
            "ID:int Number:int Name PhoneNumber FaxNumber Email Website LoonaangifteTijdvak:LoonaangifteTijdvak KvkNr",
            ENUMERATIONS,
        ),
        array("ArrayOfCompany", "Company"),
        record("HourCode", "Code:int Description"),
        array("ArrayOfHourCode", "HourCode"),
        record("WageCode", "Code:int Description"),
        array("ArrayOfWageCode", "WageCode"),
        record("CostCenter", "Code Description Id:int?"),
        array("ArrayOfCostCenter", "CostCenter"),
        record("CostUnit", "Id:int Code Description"),
        array("ArrayOfCostUnit", "CostUnit"),
    ),
    enumerations=ENUMERATIONS,
)
"""The table of CompanyService."""
