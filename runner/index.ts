/** The module that a configuration may import. It is small, since every command reads the configuration. */
export { defineConfig } from './config.ts'
export type { ConfigFile } from './config-schema.ts'
export { defineKind, fence, result } from './kinds/kind.ts'
export type { Kind, Result, StepContext } from './kinds/kind.ts'
export type { PlannedStep } from './model/plan.ts'
export type { View } from './model/view.ts'
