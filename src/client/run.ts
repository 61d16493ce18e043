import { checkAgain } from './verify.ts'
import { follow } from './live.ts'

/** On the page of a run: checks its evidence in this browser, and shows it grow where it is served live. */
export function startRun(): void {
  void checkAgain()
  follow(() => void checkAgain())
}
