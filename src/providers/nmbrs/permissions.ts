/**
 * Every right that a Nmbrs user template can switch: the operations of the v3 services, written
 * `Service:Operation`. `SingleSignOn` is left out, because its operations take the login in the body.
 *
 * Assumption: the names come from a production SDK (LarsKluijtmans/nmbrs_api) and not from the full
 * WSDL, and what reads or writes was told from the names.
 */

/** The operations of one service, separated by white space. */
interface Operations {
  readonly read: string
  readonly write: string
}

const services: Readonly<Record<string, Operations>> = {
  DebtorService: {
    read: `
      AbsenceXML_Get AccountantContact_GetList Address_Get BankAccount_Get ContactPerson_Get
      Converter_GetDebtors_IntToGuid Debtor_Get Debtor_IsOwner Department_GetList Environment_Get
      Function_GetList LabourAgreementSettings_GetList List_GetAll List_GetByNumber
      Manager_GetList ServiceLevel_Get Tags_Get Title_GetList WebhookSettings_Get
      WebhookSettings_GetEvents`,
    write: `
      Debtor_Insert Debtor_Update Department_Delete Department_Insert Department_Update
      Function_Delete Function_Insert Function_Update Title_Insert WebhookSettings_Delete
      WebhookSettings_Insert`,
  },
  CompanyService: {
    read: `
      Address_GetCurrent BankAccount_GetCurrent CompanyLeaveTypeGroups_Get
      Company_GetCurrentByEmployeeId Company_GetCurrentPeriod ContactPerson_Get
      Converter_GetByCompany_IntToGuid CostCenter_GetList CostUnit_GetList
      DefaultEmployeeTemplates_GetByCompany HourModel2_GetHourCodes HourModel_GetHourCodes
      HrDocuments_EmployerCostPerHour_Year Journals_GetByRunCompany Journals_GetByRunCompany_v2
      Journals_GetByRunCostCenter Journals_GetByRunCostCenterCostUnit
      Journals_GetByRunCostCenterCostUnitPerYear Journals_GetByRunCostCenter_v2
      Journals_GetByRunDepartment Journals_GetByRunDepartment_v2 Journals_GetByRunEmployee
      Journals_GetByRunEmployee_v2 LabourAgreements_Get LabourAgreements_GetCurrent List_GetAll
      List_GetByDebtor PayrollWorkflow_Get PensionExport_GetList PensionExport_GetXML
      RunRequest_GetList Run_GetEmployeesByRunCompany Run_GetList SVW_GetCurrent
      SalaryDocuments_AnnualDocument_AnualStatement
      SalaryDocuments_AnnualDocument_CompanyWageComponentsCumulative
      SalaryDocuments_AnnualDocument_JournalEntriesCompanyrCumulative
      SalaryDocuments_AnnualDocument_JournalEntriesCostCenterCumulative
      SalaryDocuments_AnnualDocument_JournalEntriesDepartmentCumulative
      SalaryDocuments_AnnualDocument_JournalEntriesEmployeeCumulative
      SalaryDocuments_AnnualDocument_LeaveSaldos
      SalaryDocuments_AnnualDocument_PaymentListCumulative
      SalaryDocuments_AnnualDocument_PayrollRegister
      SalaryDocuments_AnnualDocument_PayrollRegisterAllEmployees
      SalaryDocuments_AnnualDocument_PayrollRegisterSummaryCumulative
      SalaryDocuments_AnnualDocument_ReservationSaldos
      SalaryDocuments_AnnualDocument_SentWageTaxDeclarations
      SalaryDocuments_AnnualDocument_WageTaxDeclarationOverviewByPeriod
      SalaryDocuments_AnnualDocument_WageTaxDeclarationOverviewCumulative
      SalaryDocuments_GetAllPayslipsPDFByRunCompany
      SalaryDocuments_GetAllPayslipsPDFByRunCompany_v2
      SalaryDocuments_GetEmployeePayslipsInOnePDFByRunCompany
      SalaryDocuments_GetEmployeePayslipsPDFByRunCompany
      SalaryDocuments_GetEmployeePayslipsPDFByRunCompany_v2 SalaryDocuments_GetSEPA
      SalaryDocuments_GetSEPA_Tax SalaryTable2_Get SalaryTable2_GetScales SalaryTable2_GetSteps
      SalaryTable_Get SalaryTable_GetScales SalaryTable_GetSteps Schedule_GetCurrent
      WageComponentFixed_Get WageComponentFixed_GetCurrent WageComponentVar_Get
      WageComponentVar_GetCurrent WageModel2_GetWageCodes WageModel_GetWageCodes WageTax_GetList
      WageTax_GetXML WorkCost_GetList`,
    write: `
      Address_Insert Address_Update BankAccount_Insert BankAccount_Update Company_Insert
      CostCenter_Insert CostUnit_Insert FileExplorer_UploadFile RunRequest_Insert
      SVW_UpdateCurrent WageComponentFixed_Insert WageComponentFixed_InsertCurrent
      WageComponentFixed_Insert_Batch WageComponentFixed_Stop WageComponentVar_Clear
      WageComponentVar_ClearCurrent WageComponentVar_Insert WageComponentVar_InsertCurrent
      WageComponentVar_Insert_Batch WageTax_SetSentExternal WorkCost_Insert`,
  },
  EmployeeService: {
    read: `
      Absence2_GetList Absence_GetAll_AllEmployeesByCompany Absence_GetList
      Address_GetAll_AllEmployeesByCompany Address_GetList Address_GetListCurrent
      BankAccount_GetList BankAccount_GetListCurrent Children_Get
      Children_GetAll_Employeesbycompany Contract_GetAll Contract_GetAll_AllEmployeesByCompany
      Contract_GetCurrentPeriod CostCenter_Get CostCenter_GetAllEmployeesByCompany
      CostCenter_GetCurrent DaysFixed_Get DaysFixed_GetCurrent DaysVarWorked_Get
      DaysVarWorked_GetCurrent DaysVar_Get Department_GetAll_AllEmployeesByCompany
      Department_GetCurrent EmployeeType_GetList Employee_GetCurrent
      Employment_GetAll_AllEmployeesByCompany EndServiceReason_GetList
      EndServiceReason_GetListByYear ExtraFieldsWithStartDate_GetList ExtraFields_GetList
      Function_GetAll_AllEmployeesByCompany_V2 Function_GetCurrent Function_GetFunction
      HourComponentFixed_Get HourComponentFixed_GetCurrent HourComponentVar_Get
      HourComponentVar_GetCurrent LabourAgreements_Get LabourAgreements_GetCurrent
      LeaseCar2_GetAll_EmployeesByCompany LeaseCar_Get LeaseCar_GetAll_EmployeesByCompany
      LeaseCar_GetCurrent LeaseCar_GetList LeaveBalance_Get LeaveBalance_GetPerType Leave_GetList
      Leave_GetList_V2 Levensloop_Get List_GetByCompany List_GetByDebtor Manager_Get
      Manager_GetCurrent Partner_Get Partner_GetAll_AllEmployeesByCompany PerformanceReview_Get
      PerformanceReview_GetAll_AllEmployeesByCompany
      PersonalInfoContractSalaryAddress_GetAll_AllEmployeesByCompany
      PersonalInfoWithoutBSN_Get_GetAllEmployeesByCompany PersonalInfo_Get
      PersonalInfo_GetAll_AllEmployeesByCompany PersonalInfo_GetCurrent
      Reports_GetJournalsReportByEmployee Reservations_GetList SVW_Get
      SVW_GetAll_AllEmployeesByCompany SVW_GetCurrent SVW_GetList
      SalaryDocuments_GetAnnualStatementPDF Salary_Get Salary_GetAll_AllEmployeesByCompany
      Salary_GetCurrent Salary_GetEstimatedCostPerHour Salary_GetList ScheduleCalendar_Get
      Schedule_Get Schedule_GetAll_AllEmployeesByCompany Schedule_GetCurrent Schedule_GetList
      Service_GetList Spaarloon_Get Spaarloon_GetList
      TimeRegistration_GetAll_AllTimeRegistrationCodes TimeRegistration_GetList
      TimeSchedule_AllEmployee_GetListByPeriod TimeSchedule_GetAll TimeSchedule_GetListByPeriod
      WageComponentFixed_Get WageComponentFixed_GetCurrent WageComponentVar_Get
      WageComponentVar_GetCurrent WageTax_Get WageTax_GetCurrent WageTax_GetList WageTax_Get_SE`,
    write: `
      Absence2_Insert AbsenceNotification_Insert Absence_Insert Absence_PartialRecoveryInsert
      Absence_RecoveryInsert Address_Delete Address_Insert Address_InsertCurrent Address_Update
      BankAccount_DeleteCurrent BankAccount_Insert BankAccount_InsertCurrent Child_Delete
      Children_Insert Children_InsertBatch Children_Update Contract_Delete Contract_Insert
      Contract_InsertCurrentPeriod Contract_Update CostCenter_Update CostCenter_UpdateCurrent
      DaysFixed_Set DaysFixed_SetCurrent DaysFixed_Set_Batch DaysFixed_Stop DaysVarWorked_Set
      DaysVarWorked_SetCurrent DaysVar_Set_Batch Department_UpdateCurrent
      EmployeeDocument_UploadDocument EmployeeDocument_UploadDocumentFull Employee_Insert
      Employee_InsertBasedOnDefault Employee_InsertByEmployeeType Employee_Transition
      Employment_UpdateEmploymentInitialStartDate Function_Update Function_UpdateCurrent
      HourComponentFixed_Insert HourComponentFixed_InsertCurrent HourComponentFixed_Insert_Batch
      HourComponentFixed_Insert_With_End HourComponentFixed_Stop HourComponentVar_Clear
      HourComponentVar_ClearCurrent HourComponentVar_Insert HourComponentVar_InsertCurrent
      HourComponentVar_Insert_Batch HourComponent_Delete HourComponent_Update
      LabourAgreements_Update LabourAgreements_UpdateCurrent LeaseCar_Delete LeaseCar_Insert
      LeaseCar_InsertCurrent LeaseCar_Stop Leave_Delete Leave_Insert Leave_Update
      Levensloop_Delete Levensloop_Insert Levensloop_Stop Partner_Delete Partner_Update
      PersonalInfo_Update PersonalInfo_UpdateCurrent SVW_Update SVW_UpdateCurrent
      SalaryTable_Insert SalaryTable_InsertCurrent Salary_Update Salary_UpdateCurrent
      Schedule_Update Schedule_UpdateCurrent Service_Delete Service_Insert Service_Insert2
      Service_RemoveOutService Service_StopCurrent Spaarloon_Delete Spaarloon_Insert
      Spaarloon_Stop TimeRegistration_Clear TimeRegistration_ClearCurrent TimeRegistration_Delete
      TimeRegistration_Insert TimeRegistration_Insert_Batch TimeSchedule_DeleteByID
      TimeSchedule_Insert WageComponentFixed_InsertCurrent
      WageComponentFixed_InsertCurrent_With_End WageComponentFixed_Insert_Batch
      WageComponentFixed_Insert_Batch_With_End WageComponentFixed_Insert_With_End
      WageComponentFixed_Stop WageComponentVar_Clear WageComponentVar_ClearCurrent
      WageComponentVar_Insert WageComponentVar_InsertCurrent WageComponentVar_Insert_Batch
      WageComponent_Delete WageComponent_Update WageTax_Update WageTax_UpdateCurrent
      WageTax_Update_SE`,
  },
  ReportService: {
    read: `
      Reports_BackgroundTask_Result`,
    write: "",
  },
}

/** `read` or `write`, by permission. */
export const permissions: ReadonlyMap<string, "read" | "write"> = new Map(
  Object.entries(services).flatMap(([service, operations]) => [
    ...words(operations.read).map((name) => [`${service}:${name}`, "read"] as const),
    ...words(operations.write).map((name) => [`${service}:${name}`, "write"] as const),
  ]),
)

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "")
}
