/** The semantic conventions of OpenTelemetry that names and values below are of. */
export const schemaUrl = 'https://opentelemetry.io/schemas/1.45.0'

/** The attributes we send, by the names of the conventions. Those of CI/CD pipelines are in development there. */
export const attribute = {
  serviceName: 'service.name',
  serviceVersion: 'service.version',
  hostName: 'host.name',
  workerName: 'cicd.worker.name',
  pipelineName: 'cicd.pipeline.name',
  action: 'cicd.pipeline.action.name',
  runId: 'cicd.pipeline.run.id',
  runUrl: 'cicd.pipeline.run.url.full',
  runResult: 'cicd.pipeline.result',
  taskName: 'cicd.pipeline.task.name',
  taskRunId: 'cicd.pipeline.task.run.id',
  taskResult: 'cicd.pipeline.task.run.result',
  revision: 'vcs.ref.head.revision',
  exitCode: 'process.exit.code',
  errorType: 'error.type',
  user: 'user.id',
} as const

export type Result = 'success' | 'failure' | 'error' | 'timeout' | 'cancellation' | 'skip'

/** The results of the conventions for the states of runs, steps and attempts; any other state has not ended. */
const results: Record<string, Result> = {
  succeeded: 'success',
  passed: 'success',
  skipped: 'skip',
  failed: 'failure',
  exit: 'failure',
  undone: 'failure',
  'rolled-back': 'failure',
  breached: 'failure',
  inconclusive: 'failure',
  'not-started': 'error',
  unknown: 'error',
  'rollback-failed': 'error',
  timeout: 'timeout',
  cancelled: 'cancellation',
  stopped: 'cancellation',
  abandoned: 'cancellation',
}

export function resultOf(status: string): Result | undefined {
  return Object.hasOwn(results, status) ? results[status] : undefined
}

/** Whether a result is an error of its span. */
export function isError(result: Result | undefined): boolean {
  return result === 'failure' || result === 'error' || result === 'timeout'
}
