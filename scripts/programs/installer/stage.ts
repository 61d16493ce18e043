import { scratchFolder } from '../../../runner/scratch-folder.ts'

/** Gives a folder of its own to some work, and removes it afterwards, also when a signal ends the work. */
export async function withStage<T>(work: (folder: string) => Promise<T>): Promise<T> {
  using scratch = scratchFolder('installer')
  return await work(scratch.path)
}
