using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Native.Convolutions;
using NativeCnn.Backends.Operations;

namespace NativeCnn.OneDnn;

/// <summary>oneDNN's convolutions as the native backend's planner chooses among them.</summary>
internal sealed class OneDnnConvolutions(OneDnnApi library, string version) : ConvolutionLibrary
{
    public override string Name => OneDnnBackend.ShortName;

    public override string Version => version;

    public override Kernel? Plan(NativeBackend backend, ConvolutionOperation operation) =>
        OneDnnBackend.Plan(library, backend, operation);

    public override double Nanoseconds(Kernel kernel, ConvolutionPass pass) =>
        OneDnnCost.Nanoseconds(((ConvolutionOperation)kernel.Operation).Geometry, pass, kernel.Algorithm);
}
