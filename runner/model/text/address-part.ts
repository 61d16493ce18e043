/** The last part of an address for a value; what is `taken` already gets a number. A person may be called anything. */
export function addressPart(value: string, taken: Set<string>): string {
  const plain =
    value
      .toLowerCase()
      .replaceAll(/[^a-z0-9@._-]+/g, '-')
      .replaceAll(/^[.-]+|[.-]+$/g, '') || 'other'
  let part = plain
  for (let number = 2; taken.has(part); number++) part = `${plain}-${number}`
  taken.add(part)
  return part
}
