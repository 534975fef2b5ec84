using System.Globalization;
using NativeCnn.Backends.Native;
using NativeCnn.Interop;

namespace NativeCnn.Cli.Diagnostics;

/// <summary>Looks at everything that training depends on.</summary>
internal static class Doctor
{
    // Below this share of the processor's peak something is in the way.
    private const double LowestShare = 0.7;

    /// <param name="threads">How many workers are tried.</param>
    public static IReadOnlyList<Finding> Examine(int threads)
    {
        List<Finding> findings = [Processor.Name(), Processor.InstructionSets(), ProcessorLimits.Threads()];
        NativeRuntimeInfo native;
        try
        {
            native = NativeRuntime.EnsureLoaded();
        }
        catch (NativeLibraryException e)
        {
            findings.Add(new Finding("native libraries", ErrorReport.Message(e), FindingState.Wrong));
            return findings;
        }
        findings.AddRange(Describe(native));
        using NativeBackend backend = new(threads);
        Finding products = ProductCheck.Run(backend.Pool);
        findings.Add(products);
        if (products.State == FindingState.Good)
            findings.Add(MeasureSpeed(backend));
        findings.AddRange(OneDnnCheck.Run(threads));
        return findings;
    }

    private static IEnumerable<Finding> Describe(NativeRuntimeInfo native)
    {
        ShimInfo shim = native.Shim;
        OpenBlasInfo blas = native.OpenBlas;
        yield return new Finding("platform", native.Platform);
        yield return new Finding("shim", shim.Path);
        yield return new Finding("shim interface", shim.AbiVersion.ToString(CultureInfo.InvariantCulture));
        yield return new Finding(
            "shim instruction set",
            $"{InstructionSets.Name(shim.InstructionSet)} (the best here is {InstructionSets.Name(shim.BestInstructionSet)})"
        );
        yield return new Finding("OpenBLAS", blas.Path);
        yield return new Finding("OpenBLAS version", $"{blas.Version} ({blas.Config})");
        string coreType = blas.CoreType is null
            ? "its own choice"
            : $"OPENBLAS_CORETYPE={blas.CoreType}, set by {(blas.IsCoreTypeUsers ? "the user" : "nativecnn")}";
        yield return new Finding("OpenBLAS core", $"{blas.Core} ({coreType})");
        foreach (string warning in native.Warnings)
            yield return new Finding("speed", warning, FindingState.Warning);
    }

    private static Finding MeasureSpeed(NativeBackend backend)
    {
        double peak = Speed.FmaPeak(backend.Pool);
        double reached = Speed.Products(backend.Pool);
        double share = reached / peak;
        string value = string.Create(
            CultureInfo.InvariantCulture,
            $"{reached:0} GFLOP/s on {backend.Threads} thread(s), {100 * share:0} % of the FMA peak of {peak:0} GFLOP/s"
        );
        return share >= LowestShare
            ? new Finding("sgemm speed", value)
            : new Finding(
                "sgemm speed",
                value,
                FindingState.Warning,
                "Stop what else runs and try again; try fewer --threads (one per core, not per hardware thread); try a newer OpenBLAS."
            );
    }
}
