import { test } from 'vitest'
import { singleFile } from './workspace.ts'

/** A test that puts code of its own into the program; the single file takes none. */
export const testInNode = test.skipIf(singleFile !== undefined)
