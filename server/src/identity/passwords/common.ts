let common: Promise<ReadonlySet<string>> | undefined

/** Whether it is among the 49,000 passwords that are met most often, whatever its case and the blanks around it. */
export async function isCommon(password: string): Promise<boolean> {
  common ??= readList()
  return (await common).has(password.trim().toLowerCase())
}

// The list takes some megabytes: a shop under the documented policy never reads it.
async function readList(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  return new Set(dictionary['passwords-common'])
}
