namespace NativeCnn.Cli.Diagnostics;

/// <summary>How a finding is to be taken.</summary>
internal enum FindingState
{
    Good,

    /// <summary>It works, but slower than it could.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Wrong,
}

/// <summary>One thing that doctor looked at.</summary>
/// <param name="Name">What.</param>
/// <param name="Value">What was found.</param>
/// <param name="State">How that is to be taken.</param>
/// <param name="Remedy">What to do about it, unless it is good.</param>
internal sealed record Finding(
    string Name,
    string Value,
    FindingState State = FindingState.Good,
    string? Remedy = null
);
