/**
 * Marginals and conditional frequencies of UCI Adult (training file, CC BY 4.0), rounded to per mille; entries below half a per
 * mille are left out. Each text is a list of `value weight`, most frequent first.
 */

/** Sex. */
export const sexes = "Male 669, Female 331";

/** Race. */
export const races = "White 854, Black 96, Asian-Pac-Islander 32, Amer-Indian-Eskimo 10, Other 8";

/** Age band by sex. */
export const ages = {
  Female:
    "20-24 158, 25-29 137, 30-34 123, 35-39 116, 40-44 107, 45-49 93, 17-19 75, 50-54 64, 55-59 49, 60-64 35, 65-69 22, 70-90 19",
  Male: "35-39 139, 30-34 138, 40-44 125, 25-29 122, 45-49 105, 20-24 102, 50-54 85, 55-59 61, 60-64 43, 17-19 39, 65-69 22, 70-90 19",
} as const;

/** Native country by race. */
export const countries = {
  "Amer-Indian-Eskimo":
    "United-States 952, Mexico 26, South 6, Germany 3, Puerto-Rico 3, Columbia 3, Philippines 3, Hong 3",
  "Asian-Pac-Islander":
    "United-States 281, Philippines 181, India 82, ? 80, South 74, China 70, Vietnam 63, Taiwan 46, Japan 37, Cambodia 17, Laos 17, Hong 16, Thailand 15, Iran 6, Germany 3, Trinadad&Tobago 2, England 1, Poland 1, Puerto-Rico 1, Canada 1, Portugal 1, Mexico 1, Greece 1, Haiti 1, Dominican-Republic 1, Ireland 1",
  Black:
    "United-States 907, ? 31, Jamaica 24, Haiti 14, Trinadad&Tobago 5, Dominican-Republic 4, Puerto-Rico 3, Germany 3, England 3, Outlying-US(Guam-USVI-etc) 2, Mexico 1, Cuba 1, Japan 1, Nicaragua 1, India 1",
  Other:
    "United-States 476, Mexico 148, Puerto-Rico 77, ? 66, Dominican-Republic 66, Ecuador 33, Columbia 26, India 18, Guatemala 15, Nicaragua 15, El-Salvador 15, Cuba 7, Iran 7, Japan 7, Germany 4, Jamaica 4, Taiwan 4, Canada 4, Trinadad&Tobago 4, Peru 4",
  White:
    "United-States 921, Mexico 21, ? 14, Germany 4, Canada 4, El-Salvador 4, Cuba 3, Puerto-Rico 3, England 3, Italy 3, Guatemala 2, Poland 2, Columbia 2, Dominican-Republic 1, Portugal 1, Iran 1, Peru 1, France 1, Greece 1, Nicaragua 1, Ireland 1, Ecuador 1, Japan 1, Yugoslavia 1",
} as const;

/** Education by age. */
export const educations = {
  "17-19":
    "Some-college 270, HS-grad 257, 11th 236, 10th 116, 12th 76, 9th 24, 7th-8th 10, 5th-6th 4, Assoc-voc 2, 1st-4th 2, Bachelors 1, Assoc-acdm 1, Masters 1, Preschool 1",
  "20-24":
    "Some-college 401, HS-grad 305, Bachelors 121, Assoc-voc 34, Assoc-acdm 33, 11th 29, 10th 20, 12th 15, 9th 13, 7th-8th 10, 5th-6th 9, Masters 5, 1st-4th 3, Preschool 2",
  "25-90":
    "HS-grad 329, Some-college 195, Bachelors 181, Masters 63, Assoc-voc 46, Assoc-acdm 35, 11th 25, 10th 25, 7th-8th 22, Prof-school 21, 9th 16, Doctorate 15, 5th-6th 11, 12th 9, 1st-4th 6, Preschool 2",
} as const;

/** Marital status by sex and age. */
export const maritals = {
  "Female 17-24":
    "Never-married 899, Married-civ-spouse 46, Divorced 25, Separated 19, Married-spouse-absent 9, Married-AF-spouse 2, Widowed 1",
  "Female 25-34":
    "Never-married 544, Divorced 181, Married-civ-spouse 179, Separated 65, Married-spouse-absent 21, Widowed 8, Married-AF-spouse 2",
  "Female 35-44":
    "Divorced 386, Never-married 254, Married-civ-spouse 221, Separated 82, Widowed 33, Married-spouse-absent 22, Married-AF-spouse 2",
  "Female 45-64":
    "Divorced 416, Married-civ-spouse 182, Widowed 173, Never-married 131, Separated 74, Married-spouse-absent 24",
  "Female 65-90":
    "Widowed 612, Divorced 190, Never-married 84, Married-civ-spouse 73, Separated 25, Married-spouse-absent 14, Married-AF-spouse 2",
  "Male 17-24": "Never-married 862, Married-civ-spouse 116, Divorced 9, Separated 8, Married-spouse-absent 4",
  "Male 25-34":
    "Married-civ-spouse 529, Never-married 373, Divorced 66, Separated 21, Married-spouse-absent 10, Married-AF-spouse 1, Widowed 1",
  "Male 35-44":
    "Married-civ-spouse 712, Never-married 132, Divorced 116, Separated 27, Married-spouse-absent 10, Widowed 2",
  "Male 45-64":
    "Married-civ-spouse 804, Divorced 104, Never-married 54, Separated 14, Married-spouse-absent 12, Widowed 11",
  "Male 65-90":
    "Married-civ-spouse 800, Widowed 85, Never-married 56, Divorced 42, Married-spouse-absent 10, Separated 7",
} as const;

/** Relationship by marital status, with the sex of the married and the age of the never married. */
export const relationships = {
  "married Female": "Wife 937, Other-relative 32, Own-child 27, Not-in-family 3, Husband 1",
  "married Male": "Husband 990, Other-relative 5, Own-child 4, Not-in-family 1",
  "never 17-24": "Own-child 645, Not-in-family 251, Other-relative 61, Unmarried 43",
  "never 25-90": "Not-in-family 601, Own-child 230, Unmarried 116, Other-relative 54",
  once: "Not-in-family 521, Unmarried 373, Own-child 71, Other-relative 36",
} as const;

/** Occupation by sex and level of education. */
export const occupations = {
  "Female Bachelors":
    "Prof-specialty 358, Exec-managerial 205, Adm-clerical 165, Sales 101, Other-service 49, Tech-support 46, ? 41, Craft-repair 9, Machine-op-inspct 9, Protective-serv 9, Priv-house-serv 3, Handlers-cleaners 2, Farming-fishing 2, Transport-moving 1",
  "Female HS":
    "Adm-clerical 286, Other-service 214, Sales 124, Machine-op-inspct 80, Exec-managerial 78, ? 73, Craft-repair 30, Prof-specialty 29, Handlers-cleaners 26, Tech-support 17, Transport-moving 15, Priv-house-serv 14, Protective-serv 6, Farming-fishing 6",
  "Female above":
    "Prof-specialty 668, Exec-managerial 179, Adm-clerical 45, Sales 36, ? 28, Other-service 18, Tech-support 15, Craft-repair 4, Machine-op-inspct 4, Priv-house-serv 1",
  "Female below HS":
    "Other-service 331, Sales 145, ? 138, Machine-op-inspct 131, Adm-clerical 83, Priv-house-serv 49, Handlers-cleaners 29, Craft-repair 26, Exec-managerial 21, Prof-specialty 16, Farming-fishing 13, Transport-moving 8, Tech-support 7, Protective-serv 5",
  "Female some college":
    "Adm-clerical 312, Other-service 146, Sales 123, Exec-managerial 109, Prof-specialty 91, ? 87, Tech-support 52, Machine-op-inspct 24, Craft-repair 19, Protective-serv 9, Handlers-cleaners 9, Transport-moving 7, Farming-fishing 6, Priv-house-serv 6",
  "Male Bachelors":
    "Exec-managerial 278, Prof-specialty 245, Sales 173, Adm-clerical 64, Craft-repair 57, Tech-support 41, ? 28, Other-service 27, Protective-serv 23, Farming-fishing 20, Transport-moving 16, Machine-op-inspct 15, Handlers-cleaners 12, Priv-house-serv 1",
  "Male HS":
    "Craft-repair 256, Transport-moving 109, Machine-op-inspct 106, Sales 91, Other-service 78, Exec-managerial 76, Handlers-cleaners 73, Adm-clerical 56, Farming-fishing 54, ? 40, Protective-serv 27, Prof-specialty 19, Tech-support 14, Armed-Forces 1",
  "Male above":
    "Prof-specialty 571, Exec-managerial 240, Sales 67, ? 31, Adm-clerical 25, Tech-support 18, Craft-repair 14, Protective-serv 8, Farming-fishing 8, Transport-moving 7, Other-service 6, Machine-op-inspct 4, Handlers-cleaners 3, Armed-Forces 1",
  "Male below HS":
    "Craft-repair 222, Other-service 136, Handlers-cleaners 118, Transport-moving 115, Machine-op-inspct 109, ? 85, Farming-fishing 82, Sales 55, Exec-managerial 27, Adm-clerical 23, Prof-specialty 12, Protective-serv 10, Tech-support 4, Priv-house-serv 1",
  "Male some college":
    "Craft-repair 194, Sales 133, Exec-managerial 128, Adm-clerical 80, Other-service 71, Prof-specialty 67, Transport-moving 54, Machine-op-inspct 53, ? 50, Handlers-cleaners 48, Tech-support 46, Protective-serv 42, Farming-fishing 36",
} as const;

/** Work class by occupation. */
export const workclasses = {
  "?": "? 996, Never-worked 4",
  "Adm-clerical":
    "Private 751, Federal-gov 84, Local-gov 75, State-gov 67, Self-emp-not-inc 13, Self-emp-inc 8, Without-pay 1",
  "Armed-Forces": "Federal-gov 1000",
  "Craft-repair": "Private 779, Self-emp-not-inc 130, Local-gov 36, Self-emp-inc 26, Federal-gov 16, State-gov 14",
  "Exec-managerial": "Private 662, Self-emp-inc 98, Self-emp-not-inc 96, Local-gov 53, State-gov 46, Federal-gov 44",
  "Farming-fishing":
    "Private 458, Self-emp-not-inc 433, Self-emp-inc 51, Local-gov 29, State-gov 15, Federal-gov 8, Without-pay 6",
  "Handlers-cleaners":
    "Private 929, Local-gov 34, Federal-gov 17, Self-emp-not-inc 11, State-gov 7, Self-emp-inc 1, Without-pay 1",
  "Machine-op-inspct": "Private 956, Self-emp-not-inc 18, Federal-gov 7, Self-emp-inc 6, State-gov 6, Local-gov 6",
  "Other-service": "Private 832, Local-gov 59, Self-emp-not-inc 53, State-gov 38, Federal-gov 11, Self-emp-inc 8",
  "Priv-house-serv": "Private 1000",
  "Prof-specialty": "Private 559, Local-gov 170, State-gov 100, Self-emp-not-inc 90, Federal-gov 42, Self-emp-inc 39",
  "Protective-serv": "Local-gov 468, Private 293, State-gov 179, Federal-gov 43, Self-emp-not-inc 9, Self-emp-inc 8",
  Sales: "Private 806, Self-emp-not-inc 105, Self-emp-inc 80, Federal-gov 4, State-gov 3, Local-gov 2",
  "Tech-support": "Private 793, Federal-gov 73, State-gov 61, Local-gov 41, Self-emp-not-inc 28, Self-emp-inc 3",
  "Transport-moving":
    "Private 793, Self-emp-not-inc 76, Local-gov 72, State-gov 26, Self-emp-inc 17, Federal-gov 16, Without-pay 1",
} as const;

/** Band of hours a week by sex and age. */
export const hours = {
  "Female 17-19": "20-34 470, 1-19 258, 40 191, 35-39 58, 41-49 9, 50 6, 60 5, 51-59 2",
  "Female 20-24": "40 398, 20-34 287, 1-19 123, 35-39 105, 41-49 41, 50 22, 60 11, 51-59 9, 61-99 6",
  "Female 25-64": "40 510, 20-34 131, 35-39 117, 41-49 81, 50 53, 1-19 44, 60 23, 51-59 21, 61-99 20",
  "Female 65-90": "1-19 317, 20-34 299, 40 240, 35-39 70, 50 23, 41-49 18, 61-99 18, 51-59 9, 60 5",
  "Male 17-19": "20-34 386, 1-19 243, 40 226, 35-39 63, 41-49 26, 50 19, 60 15, 51-59 14, 61-99 8",
  "Male 20-24": "40 486, 20-34 202, 35-39 73, 41-49 65, 50 61, 1-19 52, 60 21, 51-59 21, 61-99 19",
  "Male 25-64": "40 492, 41-49 123, 50 121, 60 67, 61-99 48, 20-34 47, 51-59 44, 35-39 42, 1-19 15",
  "Male 65-90": "40 284, 20-34 261, 1-19 230, 50 51, 35-39 50, 41-49 47, 61-99 29, 51-59 25, 60 22",
} as const;

/** Capital gain by income, per ten thousand: none, or one of the sixteen most frequent amounts. */
export const capitalGains = {
  "<=50K":
    "0 9580, 5013 52, 3325 40, 2174 36, 4064 32, 4650 31, 3137 28, 594 26, 3908 24, 2829 24, 6849 21, 1055 19, 3411 18, 2885 18, 3464 17, 2176 17, 4101 15",
  ">50K":
    "0 7860, 15024 467, 7688 382, 7298 331, 99999 214, 5178 131, 3103 121, 4386 78, 8614 74, 10520 58, 14084 55, 20051 50, 27828 46, 13550 36, 14344 35, 4787 31, 9386 30",
} as const;

/** Capital loss by income, per ten thousand: none, or one of the sixteen most frequent amounts. */
export const capitalLosses = {
  "<=50K":
    "0 9700, 1602 32, 1740 29, 1590 27, 1876 27, 1672 23, 1741 16, 1669 16, 2001 16, 1980 16, 1719 15, 1408 14, 2051 14, 2002 14, 1485 14, 1579 14, 1721 12",
  ">50K":
    "0 9010, 1902 248, 1977 220, 1887 208, 1848 67, 2415 64, 1485 41, 1564 33, 2258 17, 2444 16, 2559 16, 2377 14, 2824 13, 2392 12, 2174 9, 2246 8, 2547 5",
} as const;

/** Sampling weight: minimum, every twentieth quantile, maximum. */
export const weightQuantiles = [
  12285, 39460, 65716, 91711, 106648, 117827, 130856, 145409, 158662, 169496, 178356, 187720, 196338, 206359, 219632,
  237051, 259873, 289405, 329054, 379682, 1484705,
];
