using System.Runtime.CompilerServices;
using NativeCnn.Backends;
using NativeCnn.Backends.Native;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using NativeCnn.Tests.Networks;

namespace NativeCnn.Tests.Tensors;

/// <summary>Memory is freed when nobody uses it any more, and not before.</summary>
public sealed class TensorLifetimeTests
{
    [Fact]
    public void An_operation_keeps_its_operands_though_they_are_disposed_meanwhile()
    {
        var shape = new Shape(1, 1, 1, 1 << 20);
        var input = new Tensor(shape);
        var output = new Tensor(shape);
        using var kept = new Tensor(shape);
        input.Span.Fill(2);
        OwnBackend backend = new OwnBackend().With<ActivationForward>(operands =>
        {
            input.Dispose();
            output.Dispose();
            operands[0]!.CopyTo(operands[1]!);
            operands[1]!.CopyTo(kept);
            Assert.False(input.IsDisposed);
        });
        Kernel kernel = backend.Prepare(new ActivationForward(Activation.Identity, shape));
        kernel.Run([input, output]);
        Assert.True(input.IsDisposed && output.IsDisposed);
        Assert.Equal(2, kept.Span[^1]);
        Assert.Throws<ObjectDisposedException>(() => kernel.Run([input, kept]));
    }

    [Fact]
    public void An_operation_that_throws_lets_go_of_its_operands()
    {
        var shape = new Shape(1, 1, 1, 4);
        using var output = new Tensor(shape);
        var input = new Tensor(shape);
        OwnBackend backend = new OwnBackend().With<ActivationForward>(_ => throw new TimeZoneNotFoundException());
        Kernel kernel = backend.Prepare(new ActivationForward(Activation.Identity, shape));
        Assert.Throws<TimeZoneNotFoundException>(() => kernel.Run([input, output]));
        input.Dispose();
        Assert.True(input.IsDisposed);
    }

    [Fact]
    public void A_held_tensor_outlives_its_end()
    {
        var tensor = new Tensor(new Shape(1, 1, 1, 4));
        using (TensorHold hold = tensor.Hold())
        {
            tensor.Span.Fill(3);
            tensor.Dispose();
            Assert.Equal(3, tensor.Span[3]);
        }
        Assert.True(tensor.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => tensor.Hold().Dispose());
        Assert.Throws<ObjectDisposedException>(tensor.Clear);
        Assert.Throws<ObjectDisposedException>(() => tensor.Span.Length);
    }

    [Fact]
    public void Operands_that_nobody_else_has_live_through_collections()
    {
        using var backend = new NativeBackend(2);
        var shape = new Shape(8, 16, 16, 16);
        Kernel kernel = backend.Prepare(new ActivationForward(new Activation(ActivationKind.Tanh), shape));
        using var stop = new CancellationTokenSource();
        var collecting = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collecting.Start();
        using var output = new Tensor(shape);
        for (int i = 0; i < 200; i++)
        {
            RunOnGarbage(kernel, shape, output);
            Assert.All(output.Span[..100].ToArray(), value => Assert.Equal(MathF.Tanh(0.5f), value, 1e-6f));
        }
        stop.Cancel();
        collecting.Join();
    }

    [Theory]
    [InlineData(long.MaxValue - 63)]
    [InlineData(long.MinValue)]
    [InlineData(-64)]
    [InlineData(1)]
    [InlineData(128)]
    public void A_place_outside_an_arena_is_refused(long offset)
    {
        using var arena = new Arena(128);
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.At(offset, new Shape(1, 1, 1, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.At(64, new Shape(1, 1, 1, 17)));
    }

    [Fact]
    public void Scratch_memory_that_cannot_grow_stays()
    {
        using var workspace = new Workspace(1);
        workspace.Reserve(100, 100);
        Assert.Throws<InsufficientMemoryException>(() => workspace.Reserve(1L << 50, 0));
        Assert.Throws<OverflowException>(() => workspace.Reserve(long.MaxValue / 2, 0));
        Assert.Equal(800, workspace.ByteCount);
    }

    [Fact]
    public void More_memory_than_there_is_is_refused_before_it_is_touched()
    {
        string message = Assert.Throws<InsufficientMemoryException>(() => new Arena(1L << 50)).Message;
        Assert.StartsWith("1,073,741,824", message, StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() => new Arena(long.MaxValue));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RunOnGarbage(Kernel kernel, Shape shape, Tensor output)
    {
        var input = new Tensor(shape);
        input.Span.Fill(0.5f);
        kernel.Run([input, output]);
    }
}
