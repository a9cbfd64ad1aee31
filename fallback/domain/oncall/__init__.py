"""What on-call engineers see and do: alerts, the situation, figures by the minute, drills."""
