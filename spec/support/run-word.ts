/**
 * The first part of all names that stay on the machine when they are not removed: namespaces, cgroups. What a run of the
 * specs leaves is found by it.
 */
export const runWord = process.env['RXSHIM_RUN'] ?? 'rxspec';
