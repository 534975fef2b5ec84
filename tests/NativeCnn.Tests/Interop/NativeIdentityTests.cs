using NativeCnn.Interop;

namespace NativeCnn.Tests.Interop;

/// <summary>A library that was loaded and is the wrong one is refused, with file, platform and remedy.</summary>
public sealed class NativeIdentityTests
{
    private static readonly NativePlatform Platform = NativePlatform.Current;

    private static readonly LoadedLibrary OldShim = new(
        NativeLibraryDescription.Shim(Platform),
        Platform,
        new("/opt/old/libnativecnn.so"),
        Handle: 0,
        "/opt/old/libnativecnn.so"
    );

    private static readonly LoadedLibrary OtherBlas = new(
        NativeLibraryDescription.OpenBlas(Platform),
        Platform,
        new("libopenblas.so.0"),
        Handle: 0,
        "/opt/other/libopenblas.so.0"
    );

    private static readonly OpenBlasInfo Slow = new(
        OtherBlas.Path,
        "0.3.21",
        "OpenBLAS 0.3.21 DYNAMIC_ARCH",
        "Haswell",
        OpenBlasThreading.Threads,
        "SkylakeX",
        IsCoreTypeUsers: false
    );

    [Fact]
    public void Another_version_of_the_shim_is_refused()
    {
        ShimLibrary.CheckVersion(OldShim, Shim.NATIVECNN_ABI_VERSION);
        Refused(
            OldShim,
            () => ShimLibrary.CheckVersion(OldShim, Shim.NATIVECNN_ABI_VERSION + 1),
            $"is a shim with interface version {Shim.NATIVECNN_ABI_VERSION + 1}, and this program needs version {Shim.NATIVECNN_ABI_VERSION}. Remove or replace it."
        );
    }

    [Fact]
    public void A_struct_of_another_layout_is_refused()
    {
        ShimLibrary.CheckLayout(OldShim, nameof(nativecnn_dropout), expected: 1, found: 1);
        Refused(
            OldShim,
            () => ShimLibrary.CheckLayout(OldShim, nameof(nativecnn_dropout), expected: 1, found: 0),
            "has other fields in nativecnn_dropout than this program."
        );
    }

    [Fact]
    public void OpenBlas_with_64_bit_integers_is_refused()
    {
        OpenBlasLibrary.CheckIntegers(OtherBlas, "OpenBLAS 0.3.21 DYNAMIC_ARCH");
        Refused(
            OtherBlas,
            () => OpenBlasLibrary.CheckIntegers(OtherBlas, "OpenBLAS 0.3.21 USE64BITINT DYNAMIC_ARCH"),
            "is a build of OpenBLAS with 64-bit integers"
        );
    }

    [Fact]
    public void OpenBlas_that_multiplies_wrongly_or_writes_beyond_the_result_is_refused()
    {
        OpenBlasLibrary.CheckProduct(OtherBlas, [7, 1, 7], [7, 1, 7]);
        Refused(
            OtherBlas,
            () => OpenBlasLibrary.CheckProduct(OtherBlas, [7, 1, 0], [7, 1, 7]),
            "multiplies wrongly: cblas_sgemm gave [7, 1, 0] instead of [7, 1, 7]."
        );
        Refused(
            OtherBlas,
            () => OpenBlasLibrary.CheckProduct(OtherBlas, [float.NaN], [1]),
            "multiplies wrongly: cblas_sgemm gave [NaN]"
        );
    }

    [Fact]
    public void OpenBlas_that_keeps_its_own_threads_is_refused()
    {
        OpenBlasLibrary.CheckThreads(OtherBlas, OpenBlasThreading.OpenMP, found: 1);
        Refused(
            OtherBlas,
            () => OpenBlasLibrary.CheckThreads(OtherBlas, OpenBlasThreading.OpenMP, found: 8),
            "computes on 8 threads although it was told to use one, which would overload the processor.",
            "Set OMP_NUM_THREADS=1, or use a build without OpenMP"
        );
    }

    [Fact]
    public void Kernels_for_an_older_processor_are_warned_of_with_the_remedy_that_fits()
    {
        Assert.EndsWith("install a newer version.", Warning(Slow), StringComparison.Ordinal);
        Assert.EndsWith(
            "Unset OPENBLAS_CORETYPE, which says Haswell.",
            Warning(Slow with { CoreType = "Haswell", IsCoreTypeUsers = true }),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "install one with DYNAMIC_ARCH",
            Warning(Slow with { Config = "OpenBLAS 0.3.21" }),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Kernels_that_suit_the_processor_are_not_warned_of()
    {
        Assert.Empty(OpenBlasLibrary.Warnings(Slow, hasAvx512: false));
        Assert.Empty(OpenBlasLibrary.Warnings(Slow with { Core = "SkylakeX" }, hasAvx512: true));
        Assert.Empty(OpenBlasLibrary.Warnings(Slow with { Core = "SapphireRapids" }, hasAvx512: true));
    }

    [Fact]
    public void A_shim_held_below_the_processor_is_warned_of()
    {
        ShimInfo best = new(
            OldShim.Path,
            1,
            nativecnn_instruction_set.NATIVECNN_AVX2,
            nativecnn_instruction_set.NATIVECNN_AVX2
        );
        Assert.Empty(ShimLibrary.Warnings(best));
        string warning = Assert.Single(
            ShimLibrary.Warnings(best with { InstructionSet = nativecnn_instruction_set.NATIVECNN_BASELINE })
        );
        Assert.EndsWith("Unset NATIVECNN_INSTRUCTION_SET.", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH", "0.3.21")]
    [InlineData("OpenBLAS 0.3.30.dev DYNAMIC_ARCH", "0.3.30.dev")]
    [InlineData("DYNAMIC_ARCH NO_AFFINITY Haswell", "unknown")]
    [InlineData("OpenBLAS", "unknown")]
    [InlineData("", "unknown")]
    public void The_version_is_read_from_the_config(string config, string version) =>
        Assert.Equal(version, OpenBlasLibrary.Version(config));

    private static string Warning(OpenBlasInfo blas) => Assert.Single(OpenBlasLibrary.Warnings(blas, hasAvx512: true));

    private static void Refused(LoadedLibrary library, Action check, string reason, string? remedy = null)
    {
        string message = Assert.Throws<NativeLibraryException>(check).Message;
        Assert.StartsWith($"{library.Path} ({Platform}) {reason}", message, StringComparison.Ordinal);
        Assert.Contains(remedy ?? library.Description.Remedy, message, StringComparison.Ordinal);
    }
}
