import { setFlagsFromString } from 'node:v8'

/**
 * Keeps the memory of new objects at the size it begins with, collects old ones sooner, and leaves code as it was first
 * compiled: the compilers that optimize hold 15 MB and pay only for what runs hot for seconds. A run waits far more than
 * it computes, and may wait for days: a third less is worth more to its machine than the moments it saves.
 */
export function staySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--optimize-for-size')
  setFlagsFromString('--no-turbofan')
  setFlagsFromString('--no-maglev')
}
