"""EmployeeService of Nmbrs SOAP v3: hours, wage components, days and the people of a company.

Source of every name and type: public descriptions (the v2.1 WSDL of
2020 plus the known differences of v3). Unconfirmed: the order and types of `DaysVarWorked_*`, the place of
`ScheduleCalcMethod`, which of the newer contract fields can be nil.
"""

from __future__ import annotations

from hub_nmbrs.schema import Service, array, inline, operation, record

ENUMERATIONS = {
    "Gender": ("undefined", "male", "female"),
    "SalaryType": (
        "None",
        "Bruto_Salaris_Fulltime",
        "Bruto_Salaris_Partime",
        "Bruto_Uurloon",
        "Netto_Salaris_Partime_incl_looncomp",
        "Netto_Salaris_Partime_excl_looncomp",
        "Netto_Uurloon_excl_looncomp",
        "Werkgerverslasten",
        "Netto_Uurloon_incl_looncomp",
    ),
}

COST = "CostCenterId:int? CostUnitId:int?"
REMARK = "Comment DocumentName Attachment:base64Binary"

COMPONENTS = (
    record("HourComponent", f"Id:int HourCode:int Hours:decimal {COST} {REMARK}"),
    record("EmployeeHourComponent", f"EmployeeId:int Id:int HourCode:int {COST} Hours:decimal {REMARK}"),
    array("ArrayOfEmployeeHourComponent", "EmployeeHourComponent"),
    inline("HourRow", "Id:int HourCode:int Hours:decimal"),
    array("ArrayOfHourComponent", "HourComponent:HourRow"),
    inline("WageInsert", f"Id:int Code:int Value:decimal {COST} {REMARK}"),
    inline("EmployeeWageInsert", f"EmployeeId:int Id:int Code:int Value:decimal {COST} {REMARK}"),
    array("ArrayOfEmployeeWageComponent", "EmployeeWageComponent:EmployeeWageInsert"),
    inline("WageRow", "Id:int Code:int Value:decimal"),
    array("ArrayOfWageComponent", "WageComponent:WageRow"),
    record("DaysWorked", "EmployeeId:int Days:int Period:int Year:int"),
    array("ArrayOfDaysWorked", "DaysWorked"),
    record("DaysVarWorked", "Days:int PlusMinusDaysForWageComp:int"),
)

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ROTA = " ".join(f"Hours{day}{week}:decimal" for week in ("", "2") for day in WEEKDAYS)

PEOPLE = (
    record(
        "PersonalInfoContractSalaryAddress",
        "EmployeeID:int EmployeeNumber:int FirstName Birthday:dateTime? Prefix LastName Gender:Gender BSN City"
        " TelephoneWork TelephoneMobileWork EmailWork ContractStartDate:dateTime? ContractEndDate:dateTime?"
        " EmailPrivate TelephonePrivate TelephoneMobilePrivate SalaryType:SalaryType? SalaryValue:decimal? Street"
        " HouseNumber HouseNumberAddition PostCode:anyType HourlyWage:decimal ContractHours:decimal",
        ENUMERATIONS,
    ),
    array("ArrayOfPersonalInfoContractSalaryAddress", "PersonalInfoContractSalaryAddress"),
    record(
        "PersonalInfo_V2",
        "Id:int DisplayName EmployeeNumber:int BSN Title FirstName Initials Prefix LastName Nickname Gender:Gender"
        " NationalityCode:int PlaceOfBirth CountryOfBirthISOCode IdentificationNumber IdentificationType:int"
        " PartnerPrefix PartnerLastName TelephonePrivate TelephoneWork TelephoneMobilePrivate TelephoneMobileWork"
        " TelephoneOther EmailPrivate EmailWork BurgerlijkeStaat:int Naamstelling:int Birthday:dateTime?"
        " CreationDate:dateTime? StartPeriod:int StartYear:int DeceasedDate:dateTime?~ InCaseOfEmergency"
        " InCaseOfEmergencyPhone InCaseOfEmergencyRelation TitleAfter",
        ENUMERATIONS,
    ),
    array("ArrayOfPersonalInfo_V2", "PersonalInfo_V2"),
    record("PersonalInfoItem", "EmployeeId:int EmployeePersonalInfos:ArrayOfPersonalInfo_V2"),
    array("ArrayOfPersonalInfoItem", "PersonalInfoItem"),
    record("Employee", "Id:int Number:int DisplayName"),
    array("ArrayOfEmployee", "Employee"),
    record("EmployeeType", "Id:int Description"),
    array("ArrayOfEmployeeType", "EmployeeType"),
)

CONTRACTS = (
    record(
        "EmployeeContract",
        "ContractID:int CreationDate:dateTime? StartDate:dateTime? TrialPeriod:dateTime? EndDate:dateTime?"
        " EmployementType:int EmploymentSequenceTaxId:int Indefinite:boolean? PhaseClassification:int?"
        " WrittenContract:boolean? HoursPerWeek:decimal?",
    ),
    array("ArrayOfEmployeeContract", "EmployeeContract"),
    record("EmployeeContractItemGlobal", "EmployeeId:int EmployeeContracts:ArrayOfEmployeeContract"),
    # Two public clients read the first name, one the second: both are accepted, so neither spelling loses a contract.
    array(
        "ArrayOfEmployeeContractItemGlobal",
        "EmployeeContractItemGlobal",
        "EmployeeContractItem:EmployeeContractItemGlobal",
    ),
    record(
        "Employment",
        "EmploymentId:int CreationDate:dateTime? StartDate:dateTime? EndDate:dateTime? InitialStartDate:dateTime?",
    ),
    array("ArrayOfEmployment", "Employment"),
    record("EmployeeEmploymentItem", "EmployeeId:int EmployeeEmployments:ArrayOfEmployment"),
    array("ArrayOfEmployeeEmploymentItem", "EmployeeEmploymentItem"),
)

WAGES = (
    record(
        "SalaryTableScale",
        "Scale SchaalDescription ScaleValue:decimal ScalePercentageMax:decimal ScalePercentageMin:decimal",
    ),
    record("SalaryTableStep", "Step StepDescription StepValue:decimal"),
    record("SalaryTableEmployee", "Code:int Description Schaal:SalaryTableScale Trede:SalaryTableStep"),
    record(
        "Salary_V2",
        "ID:int Value:decimal Type:int SalaryTable:SalaryTableEmployee StartDate:dateTime CreationDate:dateTime",
    ),
    array("ArrayOfSalary_V2", "Salary_V2"),
    record("EmployeeSalaryItem", "EmployeeId:int EmployeeSalaries:ArrayOfSalary_V2"),
    array("ArrayOfEmployeeSalaryItem", "EmployeeSalaryItem"),
    record(
        "Schedule_V2",
        f"Id:decimal {ROTA} ParttimePercentage:decimal StartDate:dateTime CreationDate:dateTime ScheduleCalcMethod",
    ),
    array("ArrayOfSchedule_V2", "Schedule_V2"),
    record("EmployeeScheduleItem", "EmployeeId:int EmployeeSchedules:ArrayOfSchedule_V2"),
    array("ArrayOfEmployeeScheduleItem", "EmployeeScheduleItem"),
    record("Department_V2", "Id:int Code:int Description CreationDate:dateTime? StartPeriod:int StartYear:int"),
    array("ArrayOfDepartment_V2", "Department_V2"),
    record("EmployeeDepartmentItem", "EmployeeId:int EmployeeDepartments:ArrayOfDepartment_V2"),
    array("ArrayOfEmployeeDepartmentItem", "EmployeeDepartmentItem"),
)

SLOT = "EmployeeId:int Period:int Year:int"
PERIOD = "Period:int Year:int UnprotectedMode:boolean"

COMPONENT_OPERATIONS = (
    operation("HourComponentVar_Insert", f"EmployeeId:int Hourcomponent:HourComponent {PERIOD}", "int"),
    operation("HourComponentVar_Insert_Batch", f"HourComponents:ArrayOfEmployeeHourComponent {PERIOD}"),
    operation("HourComponentVar_Get", SLOT, "ArrayOfHourComponent"),
    operation("HourComponentVar_GetCurrent", "EmployeeId:int", "ArrayOfHourComponent"),
    operation("HourComponentVar_Clear", f"{SLOT} UnprotectedMode:boolean"),
    operation(
        "HourComponent_Update",
        "EmployeeId:int Hourcomponent:HourComponent EndPeriod:int EndYear:int UnprotectedMode:boolean",
        "int",
    ),
    operation("HourComponent_Delete", "EmployeeId:int HourComponentID:int", "boolean"),
    operation("WageComponentVar_Insert", f"EmployeeId:int WageComponent:WageInsert {PERIOD}", "int"),
    operation("WageComponentVar_Insert_Batch", f"WageComponents:ArrayOfEmployeeWageComponent {PERIOD}"),
    operation("WageComponentVar_Get", SLOT, "ArrayOfWageComponent"),
    operation("WageComponentVar_Clear", f"{SLOT} UnprotectedMode:boolean"),
    operation("WageComponent_Delete", "EmployeeId:int WageComponentID:int", "boolean"),
    operation("DaysVar_Set", f"EmployeeId:int Days:int {PERIOD}"),
    operation("DaysVar_Get", SLOT, "int"),
    operation("DaysVar_Set_Batch", "EmployeesDaysWorked:ArrayOfDaysWorked UnprotectedMode:boolean"),
    operation(
        "DaysVarWorked_Set",
        "EmployeeId:int Period:int Year:int Days:int PlusMinusDaysForWageComp:int UnprotectedMode:boolean",
    ),
    operation("DaysVarWorked_Get", SLOT, "DaysVarWorked"),
)

COMPANY_WIDE = {
    "PersonalInfoContractSalaryAddress_GetAll": "ArrayOfPersonalInfoContractSalaryAddress",
    "PersonalInfo_GetAll": "ArrayOfPersonalInfoItem",
    "Contract_GetAll": "ArrayOfEmployeeContractItemGlobal",
    "Employment_GetAll": "ArrayOfEmployeeEmploymentItem",
    "Salary_GetAll": "ArrayOfEmployeeSalaryItem",
    "Schedule_GetAll": "ArrayOfEmployeeScheduleItem",
    "Department_GetAll": "ArrayOfEmployeeDepartmentItem",
}

PEOPLE_OPERATIONS = (
    *(operation(f"{name}_AllEmployeesByCompany", "CompanyID:int", result) for name, result in COMPANY_WIDE.items()),
    operation("List_GetByCompany", "CompanyId:int EmployeeType:int", "ArrayOfEmployee"),
    operation("EmployeeType_GetList", "", "ArrayOfEmployeeType"),
    operation("Employee_GetCurrent", "EmployeeId:int", "string"),
)

EMPLOYEE_SERVICE = Service(
    name="EmployeeService",
    operations=COMPONENT_OPERATIONS + PEOPLE_OPERATIONS,
    records=COMPONENTS + PEOPLE + CONTRACTS + WAGES,
    enumerations=ENUMERATIONS,
)
"""The table of EmployeeService."""
