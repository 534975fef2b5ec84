namespace NativeCnn.Interop;

/// <summary>How OpenBLAS was built to use several threads.</summary>
internal enum OpenBlasThreading
{
    Sequential = OpenBlas.OPENBLAS_SEQUENTIAL,
    Threads = OpenBlas.OPENBLAS_THREAD,
    OpenMP = OpenBlas.OPENBLAS_OPENMP,
}

/// <summary>The shim in this process.</summary>
/// <param name="Path">Its file.</param>
/// <param name="AbiVersion">The version of its interface, equal to that of the declarations.</param>
/// <param name="InstructionSet">The instruction set in use when it was loaded.</param>
/// <param name="BestInstructionSet">The best that the processor, its operating system and the build have.</param>
internal sealed record ShimInfo(
    string Path,
    int AbiVersion,
    nativecnn_instruction_set InstructionSet,
    nativecnn_instruction_set BestInstructionSet
);

/// <summary>OpenBLAS in this process.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Version">Its version, such as 0.3.21, or "unknown" where the build does not say.</param>
/// <param name="Config">The options of the build, as it states them.</param>
/// <param name="Core">The processor core whose kernels it uses, such as Haswell or SkylakeX.</param>
/// <param name="Threading">How it would use several threads; it is held to one.</param>
/// <param name="CoreType">The core that it was told to take (OPENBLAS_CORETYPE), or null if it chose for
/// itself.</param>
/// <param name="IsCoreTypeUsers">Whether the user told it, rather than NativeCnn.</param>
internal sealed record OpenBlasInfo(
    string Path,
    string Version,
    string Config,
    string Core,
    OpenBlasThreading Threading,
    string? CoreType,
    bool IsCoreTypeUsers
);

/// <summary>Both native libraries, as they were found and checked.</summary>
/// <param name="Platform">The portable runtime identifier, such as linux-x64.</param>
/// <param name="Shim">The shim.</param>
/// <param name="OpenBlas">OpenBLAS.</param>
/// <param name="Warnings">What works but is slower than it need be, each with its remedy.</param>
internal sealed record NativeRuntimeInfo(
    string Platform,
    ShimInfo Shim,
    OpenBlasInfo OpenBlas,
    IReadOnlyList<string> Warnings
);
