export async function drillPayments() { return { name: 'payments', rounds: 0 } }
