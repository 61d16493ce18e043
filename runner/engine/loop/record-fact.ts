import type { StepFact } from '../../kinds/kind.ts'
import type { JsonObject } from '../../model/values/json.ts'
import type { DurableRun } from './durable.ts'

/** Nothing came of it, so nothing is recorded. */
class Nothing extends Error {
  override name = 'Nothing'
}

/** Records what a kind found out; what it could not find out is not recorded, and may be tried again. */
export async function recordFact<T extends JsonObject>(
  run: DurableRun,
  type: StepFact,
  key: string,
  make: () => T | undefined | Promise<T | undefined>,
): Promise<T | undefined> {
  try {
    const { value } = await run.record<T>(type, key, async () => {
      const made = await make()
      if (made === undefined) throw new Nothing('Nothing to record')
      return made
    })
    return value
  } catch (error) {
    if (error instanceof Nothing) return undefined
    throw error
  }
}
