/** Whether the long forms run: `npm run torture` sets it, `npm test` runs the short ones. */
export const isLong = process.env['EFFORT'] === 'long'

/** How many cases a property tries, in the short and in the long form. */
export const cases = (short: number, long: number): number => (isLong ? long : short)

/** Where random cases begin. The short form is the same every time; a long one is new, or the one that SEED names. */
const seed = Number(process.env['SEED'] ?? (isLong ? Date.now() % 2 ** 31 : 1))

/** The options of a property. */
export const effort = (short: number, long: number): { numRuns: number; seed: number } => ({
  numRuns: cases(short, long),
  seed,
})

/** Says what a long form did, for whoever reads its log. */
export const tell = (text: string): void => {
  if (isLong) process.stdout.write(`seed ${seed}: ${text}\n`)
}
