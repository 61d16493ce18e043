import { failure, success } from '../problem.ts'
import type { Outcome } from '../problem.ts'

/** A number of targets, or a share of all of them in percent. */
export interface Amount {
  value: number
  isPercent: boolean
}

/** Reads `3` or `5%`; a share is above 0 and at most 100. */
export function readAmount(text: string): Outcome<Amount> {
  const [, number = '', percent] = /^(\d{1,7}(?:\.\d{1,3})?)(%?)$/.exec(text.trim()) ?? []
  const value = number === '' ? NaN : Number(number)
  const isPercent = percent === '%'
  const isGood = value > 0 && (isPercent ? value <= 100 : Number.isInteger(value))
  return isGood
    ? success({ value, isPercent })
    : failure('a number of targets from 1, or a share of them up to 100%')
}

/** Reads `1,10%,50%,100%`: how many of all targets each wave reaches, with those before it. */
export function readWaves(text: string): Outcome<Amount[]> {
  const amounts: Amount[] = []
  for (const word of text.split(',')) {
    const amount = readAmount(word)
    if (!amount.ok) return failure(`waves such as 1,10%,50%,100%, each ${amount.problem.message}`)
    amounts.push(amount.value)
  }
  return success(amounts)
}

/**
 * The number of targets of each wave; their sum is `total`, and a wave that reaches no more than the one before it is left out.
 * A share is rounded up. Fails when the last wave does not reach all.
 */
export function waveSizes(waves: readonly Amount[], total: number): Outcome<number[]> {
  const sizes: number[] = []
  let reached = 0
  for (const { value, isPercent } of waves) {
    // Shares have at most 3 decimals, so that a share of all targets is exact.
    const upTo = isPercent ? Math.ceil((Math.round(value * 1000) * total) / 100_000) : value
    const size = Math.min(upTo, total) - reached
    if (size > 0) sizes.push(size)
    reached += Math.max(size, 0)
  }
  return reached === total
    ? success(sizes)
    : failure(`The waves reach ${reached} of ${total} targets`, { hint: 'End them with 100%.' })
}

/** The number of failed targets that stops the order. A share is rounded down, to at least 1. */
export function failuresOf({ value, isPercent }: Amount, total: number): number {
  return isPercent ? Math.max(1, Math.floor((Math.round(value * 1000) * total) / 100_000)) : value
}
