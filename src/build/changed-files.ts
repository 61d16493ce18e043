import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolder } from '../../runner/make-folder.ts'

/** Files that the build writes itself, without Astro. */
export interface ChangedFiles {
  /** Writes a text file, unless it is there with the same text: writing takes longer than reading, and most are as in the build before. */
  write(file: string, text: string): void
  /** The files that were asked for, in this order. */
  files: readonly string[]
}

/** Files below `out`. `release` gets the path of one that will be written. */
export function changedFiles(out: string, release: (file: string) => void = () => undefined): ChangedFiles {
  const files: string[] = []
  return {
    files,
    write(file, text) {
      const path = join(out, file)
      files.push(file)
      if (existsSync(path) && readFileSync(path, 'utf8') === text) return
      release(file)
      makeFolder(dirname(path), 0o777)
      writeFileSync(path, text)
    },
  }
}
