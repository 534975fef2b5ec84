namespace NativeCnn.Backends.Native;

/// <summary>
/// Whether a <see cref="NativeBackend"/> measures convolution algorithms, and where it keeps what it found.
/// </summary>
/// <remarks>
/// Measured choices are used for the same processor, instruction set, shim and OpenBLAS alone. Algorithms round
/// differently, so that two measurements may lead to results that differ in the last bits; the same choices give the
/// same bits on any number of threads. Without <see cref="Measure"/> no file is read: what was measured before changes
/// no other run.
/// </remarks>
public sealed record ConvolutionTuning
{
    /// <summary>
    /// Measures every algorithm for each convolution that has no measured choice yet; not so by default.
    /// </summary>
    public bool Measure { get; init; }

    /// <summary>
    /// The file of measured choices, read if it is there and written after measuring; null for none. Without
    /// <see cref="Measure"/> it is not touched.
    /// </summary>
    public string? CachePath { get; init; }

    /// <summary>
    /// Measured choices that were kept elsewhere: text of <see cref="NativeBackend.DescribeTuning"/>, or null.
    /// </summary>
    public string? Kept { get; init; }

    /// <summary>Is told, in one sentence each, which choices are not used and why; null for nobody.</summary>
    public Action<string>? Report { get; init; }

    /// <summary>
    /// <c>nativecnn/tuning.json</c> under <c>XDG_CACHE_HOME</c> or <c>~/.cache</c>, on Windows under
    /// <c>%LOCALAPPDATA%</c>; null where the user has no such folder.
    /// </summary>
    public static string? DefaultCachePath
    {
        get
        {
            string? cache = OperatingSystem.IsWindows()
                ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            // The specification of XDG: a path that is not absolute counts as unset.
            if (!OperatingSystem.IsWindows() && !Path.IsPathRooted(cache))
            {
                string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
                cache = home.Length == 0 ? null : Path.Combine(home, ".cache");
            }
            return string.IsNullOrEmpty(cache) ? null : Path.Combine(cache, "nativecnn", "tuning.json");
        }
    }
}
