/** The tables of Home Credit Default Risk: names, order and types of their columns as in the original, files without a header. */
import type { ColumnSpec } from "../../core/operators.ts";

/** Ids of the tables; `application` is two files, `train` and `test`. */
export type HomeCreditTable =
  | "application"
  | "bureau"
  | "bureau_balance"
  | "previous_application"
  | "POS_CASH_balance"
  | "installments_payments"
  | "credit_card_balance";

/** Parts of a flat a client lives in; three statistics of each are columns. */
const flatParts = (
  "APARTMENTS BASEMENTAREA YEARS_BEGINEXPLUATATION YEARS_BUILD COMMONAREA ELEVATORS ENTRANCES FLOORSMAX FLOORSMIN LANDAREA " +
  "LIVINGAPARTMENTS LIVINGAREA NONLIVINGAPARTMENTS NONLIVINGAREA"
).split(" ");

/** Columns about flats that hold numbers, in the order of the original. */
export const flatColumns: readonly string[] = ["AVG", "MODE", "MEDI"].flatMap((statistic) =>
  flatParts.map((part) => `${part}_${statistic}`),
);

/** Flags of documents handed in, in the order of the original. */
export const documentFlags: readonly string[] = Array.from({ length: 20 }, (_, i) => `FLAG_DOCUMENT_${i + 2}`);

/** `name:i` integer, `name:d` double, `name` text. */
function parse(text: string): readonly ColumnSpec[] {
  return text.split(/\s+/u).map((word) => {
    const [name = "", type] = word.split(":");
    return { name, type: type === "i" ? "integer" : type === "d" ? "double" : "text" };
  });
}

const columns = (kind: "i" | "d", names: readonly string[]): string => names.map((name) => `${name}:${kind}`).join(" ");

/** Columns by table. `application` has the label TARGET (1 = had difficulties to pay) in both files. */
export const homeCreditColumns: Readonly<Record<HomeCreditTable, readonly ColumnSpec[]>> = {
  application: parse(
    "SK_ID_CURR:i TARGET:i NAME_CONTRACT_TYPE CODE_GENDER FLAG_OWN_CAR FLAG_OWN_REALTY CNT_CHILDREN:i AMT_INCOME_TOTAL:d " +
      "AMT_CREDIT:d AMT_ANNUITY:d AMT_GOODS_PRICE:d NAME_TYPE_SUITE NAME_INCOME_TYPE NAME_EDUCATION_TYPE NAME_FAMILY_STATUS " +
      "NAME_HOUSING_TYPE REGION_POPULATION_RELATIVE:d DAYS_BIRTH:i DAYS_EMPLOYED:i DAYS_REGISTRATION:i DAYS_ID_PUBLISH:i " +
      "OWN_CAR_AGE:i FLAG_MOBIL:i FLAG_EMP_PHONE:i FLAG_WORK_PHONE:i FLAG_CONT_MOBILE:i FLAG_PHONE:i FLAG_EMAIL:i " +
      "OCCUPATION_TYPE CNT_FAM_MEMBERS:i REGION_RATING_CLIENT:i REGION_RATING_CLIENT_W_CITY:i WEEKDAY_APPR_PROCESS_START " +
      "HOUR_APPR_PROCESS_START:i REG_REGION_NOT_LIVE_REGION:i REG_REGION_NOT_WORK_REGION:i LIVE_REGION_NOT_WORK_REGION:i " +
      "REG_CITY_NOT_LIVE_CITY:i REG_CITY_NOT_WORK_CITY:i LIVE_CITY_NOT_WORK_CITY:i ORGANIZATION_TYPE EXT_SOURCE_1:d " +
      `EXT_SOURCE_2:d EXT_SOURCE_3:d ${columns("d", flatColumns)} FONDKAPREMONT_MODE HOUSETYPE_MODE TOTALAREA_MODE:d ` +
      "WALLSMATERIAL_MODE EMERGENCYSTATE_MODE OBS_30_CNT_SOCIAL_CIRCLE:i DEF_30_CNT_SOCIAL_CIRCLE:i " +
      "OBS_60_CNT_SOCIAL_CIRCLE:i DEF_60_CNT_SOCIAL_CIRCLE:i DAYS_LAST_PHONE_CHANGE:i " +
      `${columns("i", documentFlags)} AMT_REQ_CREDIT_BUREAU_HOUR:i AMT_REQ_CREDIT_BUREAU_DAY:i ` +
      "AMT_REQ_CREDIT_BUREAU_WEEK:i AMT_REQ_CREDIT_BUREAU_MON:i AMT_REQ_CREDIT_BUREAU_QRT:i AMT_REQ_CREDIT_BUREAU_YEAR:i",
  ),
  bureau: parse(
    "SK_ID_CURR:i SK_ID_BUREAU:i CREDIT_ACTIVE CREDIT_CURRENCY DAYS_CREDIT:i CREDIT_DAY_OVERDUE:i DAYS_CREDIT_ENDDATE:i " +
      "DAYS_ENDDATE_FACT:i AMT_CREDIT_MAX_OVERDUE:d CNT_CREDIT_PROLONG:i AMT_CREDIT_SUM:d AMT_CREDIT_SUM_DEBT:d " +
      "AMT_CREDIT_SUM_LIMIT:d AMT_CREDIT_SUM_OVERDUE:d CREDIT_TYPE DAYS_CREDIT_UPDATE:i AMT_ANNUITY:d",
  ),
  bureau_balance: parse("SK_ID_BUREAU:i MONTHS_BALANCE:i STATUS"),
  previous_application: parse(
    "SK_ID_PREV:i SK_ID_CURR:i NAME_CONTRACT_TYPE AMT_ANNUITY:d AMT_APPLICATION:d AMT_CREDIT:d AMT_DOWN_PAYMENT:d " +
      "AMT_GOODS_PRICE:d WEEKDAY_APPR_PROCESS_START HOUR_APPR_PROCESS_START:i FLAG_LAST_APPL_PER_CONTRACT " +
      "NFLAG_LAST_APPL_IN_DAY:i RATE_DOWN_PAYMENT:d RATE_INTEREST_PRIMARY:d RATE_INTEREST_PRIVILEGED:d " +
      "NAME_CASH_LOAN_PURPOSE NAME_CONTRACT_STATUS DAYS_DECISION:i NAME_PAYMENT_TYPE CODE_REJECT_REASON NAME_TYPE_SUITE " +
      "NAME_CLIENT_TYPE NAME_GOODS_CATEGORY NAME_PORTFOLIO NAME_PRODUCT_TYPE CHANNEL_TYPE SELLERPLACE_AREA:i " +
      "NAME_SELLER_INDUSTRY CNT_PAYMENT:i NAME_YIELD_GROUP PRODUCT_COMBINATION DAYS_FIRST_DRAWING:i DAYS_FIRST_DUE:i " +
      "DAYS_LAST_DUE_1ST_VERSION:i DAYS_LAST_DUE:i DAYS_TERMINATION:i NFLAG_INSURED_ON_APPROVAL:i",
  ),
  POS_CASH_balance: parse(
    "SK_ID_PREV:i SK_ID_CURR:i MONTHS_BALANCE:i CNT_INSTALMENT:i CNT_INSTALMENT_FUTURE:i NAME_CONTRACT_STATUS SK_DPD:i SK_DPD_DEF:i",
  ),
  installments_payments: parse(
    "SK_ID_PREV:i SK_ID_CURR:i NUM_INSTALMENT_VERSION:i NUM_INSTALMENT_NUMBER:i DAYS_INSTALMENT:i DAYS_ENTRY_PAYMENT:i " +
      "AMT_INSTALMENT:d AMT_PAYMENT:d",
  ),
  credit_card_balance: parse(
    "SK_ID_PREV:i SK_ID_CURR:i MONTHS_BALANCE:i AMT_BALANCE:d AMT_CREDIT_LIMIT_ACTUAL:i AMT_DRAWINGS_ATM_CURRENT:d " +
      "AMT_DRAWINGS_CURRENT:d AMT_DRAWINGS_OTHER_CURRENT:d AMT_DRAWINGS_POS_CURRENT:d AMT_INST_MIN_REGULARITY:d " +
      "AMT_PAYMENT_CURRENT:d AMT_PAYMENT_TOTAL_CURRENT:d AMT_RECEIVABLE_PRINCIPAL:d AMT_RECIVABLE:d AMT_TOTAL_RECEIVABLE:d " +
      "CNT_DRAWINGS_ATM_CURRENT:i CNT_DRAWINGS_CURRENT:i CNT_DRAWINGS_OTHER_CURRENT:i CNT_DRAWINGS_POS_CURRENT:i " +
      "CNT_INSTALMENT_MATURE_CUM:i NAME_CONTRACT_STATUS SK_DPD:i SK_DPD_DEF:i",
  ),
};
