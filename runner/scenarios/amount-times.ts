/** An amount with its unit, such as `1%`, multiplied: by 2, `2%`. A limit of zero moves by one; other texts stay. */
export function amountTimes(amount: unknown, factor: number): unknown {
  const match = /^([+-]?\d+(?:\.\d+)?)(.*)$/s.exec(String(amount).trim())
  if (!match) return amount
  const value = Number(match[1])
  const moved = value === 0 ? Math.sign(factor - 1) : value * factor
  const unit = match[2] ?? ''
  return unit === '' ? moved : `${moved}${unit}`
}
