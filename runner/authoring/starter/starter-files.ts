/** The runbooks of a new workspace, each with its scenarios: those of a release, an incident, a flag and a rollback, and those they link to. */
const starterRunbooks = [
  'release-checklist',
  'hotfix',
  'canary-rollout',
  'blue-green',
  'rollback',
  'post-release',
  'feature-flag-rollout',
  'kill-switch',
  'incident',
  'high-error-rate',
  'high-latency',
  'incident-database-locks',
] as const

/** Files of this repository that a new workspace begins with, by their path in the workspace. */
export const starterFiles: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    starterRunbooks
      .flatMap((name) => [`content/runbooks/${name}.mdx`, `content/runbooks/${name}.scenarios.yaml`])
      .map((file) => [file, file]),
  ),
  'content/severities.yaml': 'content/severities.yaml',
  'content/environments.yaml': 'content/environments.yaml',
  'content/objectives.yaml': 'content/objectives.yaml',
  'content/status/components.yml': 'content/status/components.yml',
  'content/status/templates.yaml': 'content/status/templates.yaml',
  'alerts.yml': 'scripts/lab/alerts.yml',
}
